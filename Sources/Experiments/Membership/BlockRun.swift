internal import Federation
internal import Learning
internal import MembershipInference
internal import Tensors

/// The federations of one combination and seed, trained, and what they gave.
struct BlockRun: Sendable {
  /// What the last models said, as released, and which examples they had.
  let table: ShadowTable
  /// Test accuracy of each federation without interference.
  let accuracies: [Double]
  /// What each attack concluded in each federation it was in, by its cell.
  let conclusions: [Int: [Conclusion]]
  /// Test accuracy under each attack that interferes, by its cell.
  let activeAccuracies: [Int: [Double]]

  /// - Parameters:
  ///   - cache: Where finished federations are kept and looked for; nil keeps none.
  ///   - onRun: Called after each that was trained, from any thread.
  init(
    _ block: MembershipStudy.Block, seed: UInt64, study: MembershipStudy, cache: FederationCache?,
    jobs: Int, onRun: @escaping @Sendable () -> Void
  ) throws {
    let models = study.options.models
    let work = try BlockWork(block, seed: seed, study: study)
    let results = try WorkerPool.map(work.jobs.count, workers: jobs) {
      index, _ -> FederationResult in
      let job = work.jobs[index]
      let key = cache == nil ? "" : work.key(of: job)
      if let known = cache?.result(key) { return known }
      let result = try work.run(job)
      try cache?.keep(result, key)
      onRun()
      return result
    }
    let quiet = results.prefix(models)
    let values = quiet.flatMap(\.outputs)
    let outputs =
      work.hasReleases
      ? try ModelOutputs(
        probabilities: values, models: models, examples: work.judged.count, classes: work.classes,
        labels: work.judged.labels)
      : try ModelOutputs(
        logits: values, models: models, examples: work.judged.count, classes: work.classes,
        labels: work.judged.labels)
    table = try ShadowTable(outputs, work.audit.membership, data: work.judged)
    accuracies = quiet.map(\.accuracy)
    var conclusions: [Int: [Conclusion]] = [:]
    var activeAccuracies: [Int: [Double]] = [:]
    for (job, result) in zip(work.jobs, results) {
      for (owner, found) in zip(work.owners(of: job), result.conclusions) {
        conclusions[owner.index, default: []] += found
      }
      if let cell = job.cell { activeAccuracies[cell.index, default: []].append(result.accuracy) }
    }
    self.conclusions = conclusions
    self.activeAccuracies = activeAccuracies
  }
}
