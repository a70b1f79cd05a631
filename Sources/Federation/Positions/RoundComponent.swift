public import Components

/// A component with a position in the round.
///
/// The positions are the protocols beside this file, one a file, each with its null component. A
/// component may take several positions (a defense that clips at the client and adds noise at the
/// server); the pipeline asks for each position by conformance.
public protocol RoundComponent: Component {
  /// What this component must be able to see or use, given its parameters.
  var needs: Set<Capability> { get }
  /// What it must achieve undefended, given its parameters (attacks only).
  var control: PositiveControl? { get }
}

extension RoundComponent {
  /// What the card says.
  public var needs: Set<Capability> { Self.card.needs }
  /// What the card says.
  public var control: PositiveControl? { Self.card.control }
}
