public import Components

/// Gradient-matching attacks as papers and their code set them up.
///
/// Each names its paper, the settings that matter and the knowledge it assumes; a scenario that
/// does not grant that knowledge must refuse the preset. Numbers of steps are the papers', and may
/// be cut through ``settings``.
public struct InversionPreset: Sendable, Hashable {
  /// Kebab-case name.
  public let name: String
  /// What it does, in one sentence.
  public let summary: String
  /// The paper.
  public let citation: String
  /// The settings.
  public let settings: AttackSettings
  /// What the attacker must be told.
  public let needs: Set<Capability>

  /// Every preset, in the order of the papers.
  public static let all: [InversionPreset] = [
    dlg, idlg, cpl, invertingGradients, gradInversion, fedAvgUnroll, fedAvgEpochs,
    tableak(columns: []),
    bayesOptimal(noise: .gaussian(deviation: 0.1), prior: .totalVariation(1e-2)),
  ]

  private static func settings(
    _ objective: MatchingObjective, _ search: AttackSettings.Search, steps: Int,
    _ change: (inout AttackSettings) -> Void
  ) -> AttackSettings {
    var settings = AttackSettings(objective: objective, search: search, steps: steps)
    change(&settings)
    return settings
  }

  /// DLG: squared distance, inputs and soft labels together, L-BFGS for 300 steps from normal
  /// noise; some starts diverge, so four are made. Knows weights, gradient and batch size; needs a
  /// smooth model.
  public static let dlg = InversionPreset(
    name: "dlg", summary: "Squared distance, joint soft labels, L-BFGS.",
    citation: "Zhu, Liu, Han: Deep Leakage from Gradients, NeurIPS 2019, algorithm 1",
    settings: settings(MatchingObjective(.squared()), .lbfgs(), steps: 300) {
      $0.labels = .joint
      $0.restarts = 4
      $0.scaled = false
    }, needs: [.batchSize])

  /// iDLG: DLG with the label read off the gradient, for one example.
  public static let idlg = InversionPreset(
    name: "idlg", summary: "DLG with the label read off the last layer's gradient, batch 1.",
    citation: "Zhao, Mopuri, Bilen: iDLG, Improved Deep Leakage from Gradients, 2020",
    settings: settings(MatchingObjective(.squared()), .lbfgs(), steps: 300) {
      $0.labels = .recovered(.single)
      $0.restarts = 4
      $0.scaled = false
    }, needs: [.batchSize])

  /// CPL: half the squared distance plus the task loss, from a tile of noise, in the box.
  public static let cpl = InversionPreset(
    name: "cpl", summary: "Squared distance and task loss from a tiled start, L-BFGS in the box.",
    citation: "Wei et al.: A Framework for Evaluating Gradient Leakage Attacks, ESORICS 2020",
    settings: settings(MatchingObjective(.squared(factor: 0.5)), .lbfgs(), steps: 300) {
      $0.labels = .recovered(.biasCorrected)
      $0.taskWeight = 1
      $0.start = .tiled(side: 16)
      $0.restarts = 4
      $0.box = true
    }, needs: [.batchSize, .inputNormalisation])

  /// Inverting Gradients: cosine over all entries, total variation 0.01 (the paper's weight for its
  /// untrained network; its trained ones use 0.1), Adam 0.1 on the gradient's sign, a tenth at 3/8,
  /// 5/8 and 7/8 of 4,800 steps, in the box. Labels from the bias, exact for one example; grant
  /// labels and set `labels` to `.known` for the paper's setting.
  public static let invertingGradients = InversionPreset(
    name: "inverting-gradients",
    summary: "Cosine and total variation, Adam on the gradient's sign, in the box.",
    citation:
      "Geiping, Bauermeister, Dröge, Moeller: Inverting Gradients, NeurIPS 2020, section 4",
    settings: settings(
      MatchingObjective(.cosine), .adam(rate: 0.1, sign: .hard, decay: .eighths), steps: 4800
    ) {
      $0.priors = [.totalVariation(0.01)]
      $0.labels = .recovered(.biasCorrected)
      $0.box = true
    }, needs: [.batchSize, .inputNormalisation])

  /// GradInversion: half the squared distance times 1e-4, labels by row minima, total variation
  /// 1e-4, norm 1e-6, batch-norm statistics 0.1 (the first layer ten times), consensus 1e-2 of four
  /// candidates, Adam 0.1 with cosine decay, warm-up and Langevin noise. The statistics are the
  /// running ones unless the batch's are granted; needs batch norm and features that are not
  /// negative.
  public static let gradInversion = InversionPreset(
    name: "gradinversion",
    summary: "Batch-norm statistics, consensus of four candidates, Langevin noise.",
    citation: "Yin et al.: See Through Gradients, CVPR 2021, section 3",
    settings: settings(
      MatchingObjective(.squared(factor: 0.5e-4)),
      .adam(rate: 0.1, decay: .cosine, warmUp: 50, langevin: 0.01), steps: 20000
    ) {
      $0.priors = [
        .totalVariation(1e-4), .squaredNorm(1e-6), .batchNorm(0.1, firstFactor: 10),
        .group(1e-2),
      ]
      $0.labels = .recovered(.yin)
      $0.restarts = 4
    }, needs: [.batchSize])

  /// FedAvg unrolled: Inverting Gradients on the trained difference, every local step
  /// differentiated through exactly.
  public static let fedAvgUnroll = InversionPreset(
    name: "fedavg-unroll",
    summary: "Inverting Gradients through every local step, differentiated exactly.",
    citation:
      "Geiping, Bauermeister, Dröge, Moeller: Inverting Gradients, NeurIPS 2020, section 6",
    settings: settings(
      MatchingObjective(.cosine), .adam(rate: 0.1, sign: .hard, decay: .eighths), steps: 4800
    ) {
      $0.priors = [.totalVariation(0.01)]
      $0.flow = .unroll
      $0.box = true
    }, needs: [.batchSize, .exampleLabels, .trainingParameters, .batchOrder, .inputNormalisation])

  /// Data leakage in federated averaging: dummies of their own for each epoch and a prior that
  /// wants the epochs to show the same examples in any order; labels from counts. The prior's
  /// weight, 0.1, is ours: it must leave the gradients the last word in these units.
  public static let fedAvgEpochs = InversionPreset(
    name: "fedavg-epochs",
    summary: "Dummies for each epoch with an order-invariant prior; no batch order needed.",
    citation: "Dimitrov et al.: Data Leakage in Federated Averaging, TMLR 2022, section 4",
    settings: settings(
      MatchingObjective(.layerCosine, layerWeights: .exponential),
      .adam(rate: 0.4, decay: .exponential(factor: 0.995, every: 10)), steps: 200
    ) {
      $0.priors = [.totalVariation(1e-3), .orderInvariant(0.1)]
      $0.labels = .recovered(.dimitrov)
      $0.flow = .dummiesByEpoch
      $0.box = true
    }, needs: [.batchSize, .trainingParameters, .inputNormalisation])

  /// TabLeak: cosine on table rows whose columns keep their kind by construction, sign-Adam 0.06
  /// for 1,500 steps, the median of 30 restarts matched row by row.
  ///
  /// - Parameter columns: The model's inputs, column by column; empty for plain numbers.
  public static func tableak(columns: [TableColumn]) -> InversionPreset {
    InversionPreset(
      name: "tableak", summary: "Table rows: bounded columns, the median of 30 restarts.",
      citation: "Vero, Balunovic, Dimitrov, Vechev: TabLeak, ICML 2023, section 4",
      settings: settings(
        MatchingObjective(.cosine), .adam(rate: 0.06, sign: .hard), steps: 1500
      ) {
        $0.restarts = 30
        $0.pooling = .median
        $0.table = columns
        $0.scaled = false
      }, needs: [.batchSize, .exampleLabels, .inputNormalisation])
  }

  /// The noise of a defense, as its publisher states it.
  public enum Noise: Sendable, Hashable {
    /// Normal in each entry.
    case gaussian(deviation: Double)
    /// Laplace in each entry.
    case laplace(scale: Double)
  }

  /// The Bayes-optimal attack on a known defense, `argmax log p(t | x) + log p(x)`: normal noise
  /// makes the objective `|g - t|^2 / (2 s^2)`, Laplace noise `|g - t|_1 / b`, a mask leaves out
  /// what it removed; the prior is the log density of images up to a constant.
  ///
  /// - Parameters:
  ///   - noise: What the defense adds.
  ///   - mask: What the defense removes.
  ///   - prior: How unlikely an image is.
  public static func bayesOptimal(
    noise: Noise, mask: MatchingObjective.Mask = .everything, prior: AttackSettings.Prior
  ) -> InversionPreset {
    let form: MatchingObjective.Form =
      switch noise {
      case .gaussian(let deviation): .squared(factor: 1 / (2 * deviation * deviation))
      case .laplace(let scale): .absolute(factor: 1 / scale)
      }
    return InversionPreset(
      name: "bayes-optimal",
      summary: "The likelihood of a known defense's noise and mask, and a prior.",
      citation:
        "Balunovic, Dimitrov, Staab, Vechev: Bayesian Framework for Gradient Leakage, ICLR 2022",
      settings: settings(
        MatchingObjective(form, mask: mask), .adam(rate: 0.1, decay: .eighths), steps: 4800
      ) {
        $0.priors = [prior]
        $0.labels = .recovered(.biasCorrected)
        $0.box = true
      }, needs: [.batchSize, .inputNormalisation])
  }
}
