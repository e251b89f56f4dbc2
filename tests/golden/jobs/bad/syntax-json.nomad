{"job": {"bad": {"datacenters": ["dc1"],}}} x
