public import Components
public import Learning
public import Randomness

/// Position *data view*: the data a client trains on, made from the data it has.
///
/// Named by an attack it changes the colluders' data only; named anywhere else, everybody's.
public protocol DataView: RoundComponent {
  /// What `client` trains on in place of `examples`. Called once a run and client.
  func view(
    _ examples: LabeledExamples, of client: Int, using generator: inout Generator
  ) throws -> LabeledExamples
}

/// The null data view: a client trains on what it has.
public struct OwnData: DataView {
  /// Name and meaning.
  public static let card = Card(name: "own-data", summary: "Clients train on their data as it is.")

  /// No change.
  public init(_ parameters: NoParameters = NoParameters()) {}

  /// The same examples.
  public func view(
    _ examples: LabeledExamples, of client: Int, using generator: inout Generator
  ) -> LabeledExamples { examples }
}
