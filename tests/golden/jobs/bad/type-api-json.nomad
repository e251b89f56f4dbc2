{
  "Job": {
    "ID": "bad",
    "TaskGroups": [
      {
        "Name": "g",
        "Tasks": [
          {"Name": "t", "Env": {"A": "x", "B": 3}}
        ]
      }
    ]
  }
}
