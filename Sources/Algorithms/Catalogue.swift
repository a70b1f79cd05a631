public import Components

/// Every part of a federated algorithm, in the order to list them; a test compares it with this
/// folder.
public let algorithmCatalogue: [any Component.Type] = [
  FedAvg.self,
  FedSGD.self,
  FedProx.self,
  FedNova.self,
  TopK.self,
  FedPer.self,
  FedBN.self,
  FedBuff.self,
  Deadline.self,
  UniformSampling.self,
  PoissonSampling.self,
  CyclicSampling.self,
  WeightedSampling.self,
  ServerSGD.self,
  ServerMomentum.self,
  ServerAdam.self,
  ServerYogi.self,
  ServerAdagrad.self,
]
