/// One number for every model, example and query: a loss, a confidence, what a score is made of.
///
/// Queries are several looks at one example, such as its augmentations; mostly there is one.
public struct SignalTable: Sendable, Hashable {
  /// How many models there are.
  public let models: Int
  /// How many examples there are.
  public let examples: Int
  /// How often each model was asked about each example.
  public let queries: Int
  /// Row-major: models x examples x queries.
  public let values: [Double]

  /// A table of finite numbers.
  ///
  /// - Throws: `MembershipError.shape` if the sizes do not fit, `.value` for a number that is not
  ///   finite; it says how many there are and what to do.
  public init(
    models: Int, examples: Int, queries: Int = 1, _ values: [Double], name: String = "signals"
  ) throws(MembershipError) {
    guard models >= 1, examples >= 1, queries >= 1, values.count == models * examples * queries
    else {
      throw .shape(
        what: name, got: "\(values.count) values",
        expected: "\(models) models x \(examples) examples x \(queries) queries, at least 1 of each"
      )
    }
    self.models = models
    self.examples = examples
    self.queries = queries
    self.values = values
    if let bad = values.firstIndex(where: { !$0.isFinite }) {
      let count = values.reduce(0) { $0 + ($1.isFinite ? 0 : 1) }
      throw .value(
        what: name,
        place: "model \(bad / (examples * queries)), example \(bad / queries % examples)",
        got: "\(values[bad])" + (count > 1 ? ", one of \(count) that are no finite numbers" : ""),
        remedy: "leave models that diverged out, or compute losses from logits by log-sum-exp")
    }
  }

  /// A table whose numbers are known to be finite.
  init(unchecked values: [Double], models: Int, examples: Int, queries: Int) {
    self.models = models
    self.examples = examples
    self.queries = queries
    self.values = values
  }

  /// The number of one model, example and query.
  public subscript(model: Int, example: Int, query: Int) -> Double {
    values[(model * examples + example) * queries + query]
  }

  /// A model's numbers, the mean over queries, one for each example.
  public func means(ofModel model: Int) -> [Double] {
    (0..<examples).map { example in
      let start = (model * examples + example) * queries
      if queries == 1 { return values[start] }
      return values[start..<(start + queries)].reduce(0, +) / Double(queries)
    }
  }
}
