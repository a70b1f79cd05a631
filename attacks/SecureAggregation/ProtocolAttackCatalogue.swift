/// Every attack on the protocol, in the order to run them. A new one is its file in this folder and
/// its name here; a test compares the two.
public let protocolAttackCatalogue: [any ProtocolAttack.Type] = [
  ModelInconsistency.self,
  DropoutEquivocation.self,
  ListOverlap.self,
  ReplayedMessages.self,
  KeySubstitution.self,
  CollusionSweep.self,
  WeakGenerator.self,
  Differencing.self,
  OverflowPoisoning.self,
]
