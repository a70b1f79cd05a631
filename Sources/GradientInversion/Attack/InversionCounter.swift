public import Components
public import Federation
public import Learning

/// How an attacker who knows a defense goes about it.
public enum InversionCounter: Sendable {
  /// The update went through this: the distance is taken after it.
  case forwardModel(any ForwardModel)
  /// What these tensors' gradients say was tampered with, beyond use: they are left out.
  case ignoring(tensors: [String])
  /// A variational bottleneck of this name sampled: the gradients of it and of what follows, which hang
  /// on what it drew and drown the others, are left out, and of an update of one example the draws are
  /// read off and stand in the model.
  case sampled(layer: String)
  /// Each example went through one of these lists of transformations: every combination is tried,
  /// up to 64, and the one whose gradient comes nearest counts.
  case transformed([[ImageTransformation]])
  /// Examples and labels were mixed within the batch: mixtures are sought with the examples.
  case mixed
  /// Nobody has shown how: a number under this defense is no evidence of protection.
  case nonAdaptiveOnly(reason: String)

  /// What an attacker who knows that clients run `components` does about each, in their order;
  /// components that change neither updates nor steps, nor refuse models, are passed over.
  ///
  /// - Throws: What a component finds wrong with the model.
  public static func counters(
    to components: [any Component], network: Network
  ) throws -> [InversionCounter] {
    try components.compactMap { component in
      if let countered = component as? any CounteredDefense {
        return try countered.counter(network: network)
      }
      if component is UnchangedUpdate || component is PlainStep || component is TrustingClient {
        return nil
      }
      if let transform = component as? any UpdateTransform {
        guard let model = transform.forwardModel else {
          return .nonAdaptiveOnly(reason: "\(transform.cardName) publishes no forward model")
        }
        return .forwardModel(model)
      }
      if component is any StepView || component is any LocalDescent
        || component is any ModelInspection || component is any ModelExtension
      {
        return .nonAdaptiveOnly(
          reason: "\(type(of: component).card.name) names no attack on itself")
      }
      return nil
    }
  }
}

/// A defense that acts before there is an update, and says how an attacker who knows it goes about
/// it.
public protocol CounteredDefense: Component {
  /// What such an attacker does against a model.
  func counter(network: Network) throws -> InversionCounter
}
