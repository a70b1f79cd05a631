public import Components

/// Every model, in the order to list them. A new model is one file in this folder and a line here.
public let modelCatalogue: [any ModelFamily.Type] = [
  CNN431K.self,
  CNNMcMahan.self,
  LeNetZhu.self,
  Logistic.self,
  MLP.self,
  ResNet20.self,
  Sequential.self,
  TextClassifier.self,
]

extension Role {
  /// The network that clients train.
  public static let model = Role(rawValue: "model")
}
