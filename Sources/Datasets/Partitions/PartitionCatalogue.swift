/// Every partition, in the order to list them. A new partition is one file in this folder and a line
/// here.
public let partitionCatalogue: [any Partition.Type] = [
  IID.self,
  Shards.self,
  KClass.self,
  DominantLabel.self,
  GroupBias.self,
  DirichletPartition.self,
  DirichletCapped.self,
  DirichletClient.self,
  DirichletShared.self,
  DirichletExtended.self,
  DirichletTwoLevel.self,
  DirichletQuantity.self,
  QuantitySkew.self,
  NoiseSkew.self,
  RotationSkew.self,
  StyleSkew.self,
  LabelPermutation.self,
  Natural.self,
]
