{
  "Job": {
    "ID": "bad",
    "Status": "running",
    "Version": 3,
    "Datacentres": ["dc1"],
    "Consul": null,
    "Scaling": {"Max": 0, "Policies": []},
    "TaskGroups": [
      {
        "Name": "g",
        "Cuont": 2,
        "Tasks": [{"Name": "t", "Driver": "mock_driver", "Lifecycle": {"Hook": "prestart"}}]
      }
    ]
  }
}
