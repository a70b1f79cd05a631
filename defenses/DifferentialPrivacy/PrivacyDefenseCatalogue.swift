public import Components

/// Every defense by differential privacy, in the order to list them. A new one is its file in this
/// folder and its name here; a test compares the two.
public let privacyDefenseCatalogue: [any Component.Type] = [
  DPFedAvg.self,
  DPFedSGD.self,
  DPFTRL.self,
  DPBandedMF.self,
  LocalDP.self,
  NbAFL.self,
]
