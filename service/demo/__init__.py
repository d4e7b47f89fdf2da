"""The demo: service and sandbox as processes on loopback, the sample organisation, the tour page, the guided round."""
