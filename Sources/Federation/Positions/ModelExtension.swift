public import Learning

/// Position *model*: what everybody trains in place of the model that was named.
///
/// Server, clients and whoever reads along know the extended model. Extensions apply in the order of
/// naming, before a malicious server replaces anything.
public protocol ModelExtension: RoundComponent {
  /// The extended model.
  ///
  /// - Throws: `FederationError.unsuitableModel` if it cannot be extended.
  func network(extending network: Network) throws -> Network
}
