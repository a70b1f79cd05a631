public import Components

/// A kind of model that fits itself to the data's shape.
public protocol ModelFamily: Component {
  /// The network for examples of `inputShape` and `classes` classes.
  ///
  /// - Parameters:
  ///   - inputShape: The shape of one example, such as `[1, 8, 8]`; every size at least 1.
  ///   - classes: Length of the logit vector, at least 2.
  /// - Throws: `LearningError` if the model cannot take that shape.
  func network(inputShape: [Int], classes: Int) throws -> Network
}

extension ModelFamily {
  /// The features of one example, checked together with the number of classes.
  func features(of inputShape: [Int], classes: Int) throws(LearningError) -> Int {
    let name = Self.card.name
    guard inputShape.allSatisfy({ $0 >= 1 }) else {
      throw .invalid(
        place: "model \(name)", what: "the input shape", got: "\(inputShape)",
        requirement: "needs positive sizes")
    }
    guard classes >= 2 else {
      throw .invalid(
        place: "model \(name)", what: "the number of classes", got: "\(classes)",
        requirement: "must be at least 2")
    }
    return inputShape.reduce(1, *)
  }
}
