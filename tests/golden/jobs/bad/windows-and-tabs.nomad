job "bad" {
	datacenters = ["dc1"]
	priorty = 3
}
