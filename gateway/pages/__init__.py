"""The web application: pages made on the server, which ask by the same bus, contracts and rights as the API."""
