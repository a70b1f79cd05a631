public import Components

/// Every transport whose result clients can check, in the order to list them; a test compares it
/// with this folder. Whoever lists transports joins it to `transportCatalogue`.
public let verifiableTransportCatalogue: [any Component.Type] = [
  Committed.self, VerifyNet.self,
]
