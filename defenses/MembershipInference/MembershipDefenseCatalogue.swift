public import Components

/// Every defense against membership inference, in the order to list them. A new one is its file in
/// this folder and its name here; a test compares the two.
public let membershipDefenseCatalogue: [any Component.Type] = [
  EarlyStopping.self,
  LabelSmoothing.self,
  DropoutTraining.self,
  WeightDecay.self,
  RelaxLoss.self,
  AdversarialRegularisation.self,
  SelfDistillation.self,
  HAMP.self,
  MemGuard.self,
  OutputTruncation.self,
]
