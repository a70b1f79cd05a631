public import Components

/// A kind of model that fits itself to the data's shape.
public protocol ModelFamily: Component {
  /// The shape that examples of `inputShape` must be resized to before this model takes them; the
  /// same shape, unless the model needs images of a minimum size.
  func preparedShape(_ inputShape: [Int]) -> [Int]

  /// The network for examples of `inputShape` and `classes` classes.
  ///
  /// - Parameters:
  ///   - inputShape: The shape of one example, such as `[1, 8, 8]`; every size at least 1.
  ///   - classes: Length of the logit vector, at least 2.
  /// - Throws: `LearningError` if the model cannot take that shape.
  func network(inputShape: [Int], classes: Int) throws -> Network
}

extension ModelFamily {
  /// Takes examples as they are.
  public func preparedShape(_ inputShape: [Int]) -> [Int] { inputShape }

  /// Checks a shape of any number of dimensions, or of exactly `dimensions`, and the classes.
  func check(
    _ inputShape: [Int], classes: Int, dimensions: Int? = nil
  ) throws(LearningError) {
    let name = Self.card.name
    guard inputShape.allSatisfy({ $0 >= 1 }) else {
      throw .invalid(
        place: "model \(name)", what: "the input shape", got: "\(inputShape)",
        requirement: "needs positive sizes")
    }
    if let dimensions, inputShape.count != dimensions {
      throw .invalid(
        place: "model \(name)", what: "the input shape",
        got: NetworkCompiler.describe(inputShape),
        requirement: dimensions == 3
          ? "must be an image, channels x height x width" : "must be a single number of positions")
    }
    guard classes >= 2 else {
      throw .invalid(
        place: "model \(name)", what: "the number of classes", got: "\(classes)",
        requirement: "must be at least 2")
    }
  }
}

extension [Int] {
  /// This image shape with height and width of at least `side`; any other shape as it is.
  func enlarged(to side: Int) -> [Int] {
    count == 3 ? [self[0], Swift.max(self[1], side), Swift.max(self[2], side)] : self
  }
}
