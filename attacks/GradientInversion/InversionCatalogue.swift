public import Components

/// Every attack that turns updates back into images, in the order to list them; a test compares the
/// list with the folder.
public let inversionCatalogue: [any Component.Type] = [
  DLG.self,
  IDLG.self,
  CPL.self,
  InvertingGradients.self,
  GradInversion.self,
  FedAvgUnroll.self,
  FedAvgEpochs.self,
  TabLeak.self,
  BayesOptimal.self,
  SumInversion.self,
  LabelRecoveryAttack.self,
  DenseInversionAttack.self,
  RGAPAttack.self,
  ImprintAttack.self,
  TrapWeightsAttack.self,
  FishingAttack.self,
  FeatureFishing.self,
  LokiAttack.self,
]
