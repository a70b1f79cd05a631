/// A server-side component that is told how many of the updates may be bad.
///
/// Four numbers must not be confused: the real number of attackers, the number the server assumes,
/// the `f` a rule is configured with, and how many rows it receives. The rule's `f` is its own if
/// given, else the assumed number; both checks, before the run and in the round, go through here.
public protocol FaultTolerant: RoundComponent {
  /// How many rows are needed to withstand `faults` bad ones (the breakdown condition).
  func minimumUpdates(faults: Int) -> Int

  /// The `f` in force when the threat model says to assume `assumed`.
  func faults(assumed: Int) -> Int
}

extension FaultTolerant {
  /// Components without a breakdown point take anything.
  public func minimumUpdates(faults: Int) -> Int { 1 }
  /// Components without `f` ignore it.
  public func faults(assumed: Int) -> Int { 0 }

  /// The `f` in force; throws when `received` rows are too few for it.
  func checkedFaults(assumed: Int, received: Int) throws(FederationError) -> Int {
    let faults = faults(assumed: assumed)
    let required = minimumUpdates(faults: faults)
    if received < required {
      throw .tooFewUpdates(rule: cardName, received: received, faults: faults, required: required)
    }
    return faults
  }
}
