// SecureAggregationTests
