import Components
import Learning

/// The network of a model by the name that the peers know it by.
func makeNetwork(_ model: String, shape: [Int], classes: Int) throws -> Network {
  try modelFamily(model).network(inputShape: shape, classes: classes)
}

/// The shape to which a model resizes images of `shape`.
func preparedShape(_ model: String, of shape: [Int]) throws -> [Int] {
  try modelFamily(model).preparedShape(shape)
}

/// A model of the catalogue with its default parameters, or a variant that the peers have too.
private func modelFamily(_ model: String) throws -> any ModelFamily {
  func make<Family: ModelFamily>(_ family: Family.Type) throws -> any ModelFamily {
    try Family(Family.defaults)
  }
  switch model {
  case "resnet-20-group": return try ResNet20(.init(norm: .group))
  case "resnet-20-batch": return try ResNet20(.init(norm: .batch))
  default:
    guard let family = modelCatalogue.first(where: { $0.card.name == model }) else {
      throw BenchError.failure("there is no model '\(model)'")
    }
    return try make(family)
  }
}
