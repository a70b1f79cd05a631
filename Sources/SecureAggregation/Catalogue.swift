public import Components
internal import Federation

/// Every transport, in the order to list them; a test compares it with this folder.
public let transportCatalogue: [any Component.Type] = [
  Plain.self,
  SumOnly.self,
  DoubleMasking.self,
  SecAggPlus.self,
  DistributedDP.self,
  PaillierSum.self,
  ThresholdPaillier.self,
]
