/// Every partition, in the order to list them. A new partition is one file in this folder and a line
/// here.
public let partitionCatalogue: [any Partition.Type] = [
  DirichletPartition.self,
  IID.self,
]
