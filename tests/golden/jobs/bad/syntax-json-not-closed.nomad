{"job": {"bad": {"datacenters": ["dc1"]}}
