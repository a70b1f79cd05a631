public import Components

/// Every membership attack in the round, in the order to list them. A new one is its file in this
/// folder and its name here; a test compares the two.
public let membershipAttackCatalogue: [any Component.Type] = [
  LossSeries.self,
  GradientCosine.self,
  GradientDifference.self,
  GradientNorm.self,
  FedMIA.self,
  SourceInference.self,
  WhiteBox.self,
  ServerAscent.self,
  ClientAscent.self,
  Isolation.self,
]
