// FederationTests
