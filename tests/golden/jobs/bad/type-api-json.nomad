{"Job": {"ID": "bad", "TaskGroups": [{"Name": "g", "Count": "three"}]}}
