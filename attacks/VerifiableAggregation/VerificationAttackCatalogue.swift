/// Every attack on a way to verify sums, in the order to run them. A new one is its file in this
/// folder and its name here; a test compares the two.
public let verificationAttackCatalogue: [any ProtocolAttack.Type] = [
  ProofRecovery.self,
  VectorGuessing.self,
  ServerForgery.self,
  CoordinatePermutation.self,
  AggregateReplay.self,
  InsiderForgery.self,
  TamperedAggregate.self,
  CommitmentEquivocation.self,
  RogueCommitment.self,
  UnboundedInput.self,
]
