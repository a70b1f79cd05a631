internal import Components

extension Planner {
  /// Why a server cannot make the promise of central privacy in `pipeline`, whatever the noise; empty
  /// where it can and where there is none.
  public static func privacyRefusals(of pipeline: RoundPipeline) -> [Refusal] {
    let local = pipeline.transforms.filter { $0 is any LocalPrivacy }
    if let shared = pipeline.transport as? any DistributedPrivacy {
      return sharedRefusals(shared, beside: local, in: pipeline)
    }
    guard let privacy = pipeline.privacy else {
      guard local.count > 1 else { return [] }
      return [
        Refusal(
          component: local[1].cardName, reason: "adds noise of its own beside \(local[0].cardName)",
          suggestion: "keep one of them")
      ]
    }
    var refusals: [Refusal] = []
    func refuse(_ component: any Component, _ reason: String, _ suggestion: String) {
      refusals.append(
        Refusal(component: component.cardName, reason: reason, suggestion: suggestion))
    }
    if let own = privacy.refusal(in: pipeline) { refusals.append(own) }
    if !pipeline.trainer.weighsAlike {
      refuse(
        privacy,
        "cannot bound what a client adds to a weighted average: one that holds most of the examples "
          + "moves nearly all of it",
        "give the algorithm 'weighting: uniform', as fedavg and fedsgd have")
    }
    if !pipeline.aggregator.certifiesSensitivity {
      refuse(
        pipeline.aggregator,
        "has no certified sensitivity: nothing bounds how far one client moves its result, so no "
          + "noise of \(privacy.cardName) is known to be enough",
        "take the mean or centered-clipping as the rule")
    } else if !pipeline.aggregator.isWeightedMean, pipeline.sampler.guaranteedCohort(of: 2) == nil {
      refuse(
        pipeline.aggregator,
        "divides by how many took part, which \(pipeline.sampler.cardName) keeps secret",
        "draw a fixed number with uniform-sampling, or take the mean as the rule")
    }
    if let stage = pipeline.preAggregators.first(where: { $0.rowBound == nil }) {
      refuse(
        stage, "makes rows of several clients' updates, which no clip after it takes apart",
        "leave it out")
    }
    if let stage = pipeline.admissions.first {
      refuse(
        stage, "leaves out clients by what others sent, so one moves more than its own update",
        "leave it out")
    }
    if !(pipeline.noise is NoNoise) {
      refuse(pipeline.noise, "adds noise of its own beside \(privacy.cardName)", "keep one of them")
    }
    if pipeline.arrival.acceptsLate && !pipeline.arrival.waitsForEverybody {
      refuse(
        pipeline.arrival,
        "puts clients into rounds other than those they were drawn for, which no sampling of the "
          + "accountants is", "wait for everybody (leave it out)")
    }
    if !pipeline.transport.deliversUnchanged {
      refuse(
        pipeline.transport, "does not show the server the updates that it would have to clip",
        "use plain, or noise of the clients' own")
    }
    return refusals
  }

  /// Why clients that share the noise cannot make their promise in `pipeline`.
  private static func sharedRefusals(
    _ privacy: any DistributedPrivacy, beside local: [any UpdateTransform],
    in pipeline: RoundPipeline
  ) -> [Refusal] {
    var refusals: [Refusal] = []
    func refuse(_ component: any Component, _ reason: String, _ suggestion: String) {
      refusals.append(
        Refusal(component: component.cardName, reason: reason, suggestion: suggestion))
    }
    for other in local {
      refuse(other, "adds noise of its own beside \(privacy.cardName)", "keep one of them")
    }
    if let central = pipeline.privacy {
      refuse(
        central,
        "needs to see the updates that it would have to clip, and \(privacy.cardName) hides "
          + "them", "keep one of them")
    }
    if !(pipeline.noise is NoNoise) {
      refuse(pipeline.noise, "adds noise of its own beside \(privacy.cardName)", "keep one of them")
    }
    if !pipeline.trainer.weighsAlike {
      refuse(
        privacy, "cannot bound what a client adds to a weighted average",
        "give the algorithm 'weighting: uniform', as fedavg and fedsgd have")
    }
    if pipeline.sampler.guaranteedCohort(of: 1000) == nil {
      refuse(
        privacy,
        "shares the noise among the clients of a round, whose number \(pipeline.sampler.cardName) "
          + "leaves to chance", "draw a fixed number with uniform-sampling, or everybody")
    }
    return refusals
  }

  /// The first reason why the run of `pipeline` could not keep its promise of privacy, numbers
  /// included: delta, target, cohort; nil where it can and where there is none.
  ///
  /// - Complexity: Calibrates the noise, once for each question.
  public static func privacyRefusal(
    of pipeline: RoundPipeline, training: TrainingOptions, clients: Int, dimension: Int
  ) -> Refusal? {
    if let privacy = pipeline.transport as? any DistributedPrivacy {
      guard
        let setting = SharedNoiseSetting(
          pipeline, training: training.rounds, clients: clients, dimension: dimension),
        let (reason, suggestion) = privacy.refusal(in: setting)
      else { return nil }
      return Refusal(component: privacy.cardName, reason: reason, suggestion: suggestion)
    }
    do {
      _ = try CentralRun(pipeline, training: training, clients: clients, dimension: dimension)
      return nil
    } catch FederationError.refused(let refusal) {
      return refusal
    } catch {
      return pipeline.privacy.map {
        Refusal(component: $0.cardName, reason: "\(error)", suggestion: "change its parameters")
      }
    }
  }
}
