public import Components
public import Learning
public import Randomness
public import Tensors

/// Position *local training*: what a client does with the model it received.
public protocol LocalTrainer: RoundComponent {
  /// Whether its steps are taken as a ``LocalDescent`` says, where there is one; else such a defense
  /// would be without effect beside it, and is refused.
  var followsDescent: Bool { get }

  /// Throws `ParameterError` naming every training option that would be without effect or sense
  /// here; by default all are fine. Asked before anything runs.
  func check(_ training: TrainingOptions) throws(ParameterError)

  /// Whether `dp-sgd` in the training options makes the training private for the client's records:
  /// what is sent must depend on them through nothing else. By default it does not, and is refused.
  var trainsPrivately: Bool { get }

  /// Whether every update claims the weight 1: what bounds on one client's share count on.
  var weighsAlike: Bool { get }

  /// The client's update, before its transforms; `memory` belongs to the client.
  ///
  /// A training that leaves the finite numbers returns the non-finite update; the round decides.
  func train(
    _ task: LocalTask, using generator: inout Generator, memory: inout Memory
  ) throws -> Update
}

extension LocalTrainer {
  /// No.
  public var followsDescent: Bool { false }

  /// All options are fine.
  public func check(_ training: TrainingOptions) throws(ParameterError) {}
  /// No.
  public var trainsPrivately: Bool { false }
  /// No.
  public var weighsAlike: Bool { false }
}

/// One client's training in one round.
public struct LocalTask {
  /// The client, from 0.
  public let client: Int
  /// The round, from 0.
  public let round: Int
  /// The parameters as received, personalised.
  public let received: Vector
  /// The client's examples, data views applied.
  public let examples: LabeledExamples
  /// The model as it is trained: its loss has the label smoothing of the training options.
  public let network: Network
  /// Steps, batch size, learning rate, …
  public let training: TrainingOptions
  /// Terms that components add to the loss.
  public let objectives: [any Objective]
  /// What components do within each step; a trainer takes its gradients through `stepGradient`.
  public let stepViews: [any StepView]
  /// The most optimiser steps the client's device completes, at least 1.
  public let maximumSteps: Int
  /// The worker's scratch memory.
  public let workspace: Workspace
  /// Whether the update is to say which examples each step took: somebody will be judged by them.
  public let keepsBatches: Bool
  /// How steps are taken, in place of gradient steps on the mean loss; nil takes these.
  public let descent: (any LocalDescent)?

  init(
    client: Int, round: Int, received: Vector, examples: LabeledExamples, network: Network,
    training: TrainingOptions, objectives: [any Objective], stepViews: [any StepView] = [],
    maximumSteps: Int, workspace: Workspace, keepsBatches: Bool = false,
    descent: (any LocalDescent)? = nil
  ) {
    self.client = client
    self.round = round
    self.received = received
    self.examples = examples
    self.network = network
    self.training = training
    self.objectives = objectives
    self.stepViews = stepViews
    self.maximumSteps = maximumSteps
    self.workspace = workspace
    self.keepsBatches = keepsBatches
    self.descent = descent
  }
}

/// A term added to every client's training loss (proximal, entropy, …), part of local training.
///
/// The null objective is the empty list.
public protocol Objective: RoundComponent {
  /// Adds the term's gradient at `parameters` to `gradient`; `reference` is the received model.
  func addGradient(at parameters: Vector, reference: Vector, to gradient: inout Vector)

  /// The strength μ of a pull μ (w - reference) that the term's gradient is or contains: it
  /// shortens what local steps add up to.
  var pull: Double { get }
}

extension Objective {
  /// None.
  public var pull: Double { 0 }
}
