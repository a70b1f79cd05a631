import Experiments

/// Results made up to show every kind of cell, with twins and controls as a plan would have them.
struct SyntheticMatrix: Sendable {
  var name = "synthetic"
  /// The labels on the axes that tell blocks apart, a dictionary a block.
  var settings: [[Axis: String]] = [[:]]
  /// The first is the clean one.
  var attacks: [String]
  /// The first is the undefended one.
  var defenses: [String]
  var seeds: [UInt64] = [1, 2, 3, 4, 5]
  var colluders = 4
  var rounds = 20
  var targets: [Double] = []
  /// The final accuracy; nil where the run is not done.
  var accuracy:
    @Sendable (_ attack: String, _ defense: String, _ setting: Int, _ seed: Int) -> Double?
  /// Why a run that is not done failed; nil when it is pending.
  var failure:
    @Sendable (_ attack: String, _ defense: String, _ setting: Int, _ seed: Int) -> String? = {
      _, _, _, _ in nil
    }
  /// Why a cell cannot exist.
  var refusal: @Sendable (_ attack: String, _ defense: String, _ setting: Int) -> String? = {
    _, _, _ in nil
  }
  /// The labels of the axes that all blocks share.
  var common: [Axis: String] = [
    .data: "digits", .partition: "dirichlet(alpha=0.3)", .population: "ideal", .model: "mlp",
    .training: "rounds=20",
    .algorithm: "fedavg", .transport: "plain", .threat: "default",
  ]

  /// The results: rows by block, attack, defense and seed.
  var results: MatrixResults {
    var rows: [MatrixResults.Row] = []
    for (setting, labels) in settings.enumerated() {
      for (attackIndex, attack) in attacks.enumerated() {
        for (defenseIndex, defense) in defenses.enumerated() {
          let block = setting * attacks.count * defenses.count
          let refused = refusal(attack, defense, setting)
          let own = common.merging(labels) { $1 }.merging([.attack: attack, .defense: defense]) {
            $1
          }
          let description = CellDescription(
            labels: Dictionary(uniqueKeysWithValues: own.map { ($0.key.rawValue, $0.value) }),
            isCompanion: false, refusal: refused,
            suggestion: refused == nil ? nil : "use a transport that reveals them, such as plain",
            twin: block + defenseIndex, control: block + attackIndex * defenses.count,
            controlMinimum: attackIndex == 0 ? nil : 0.1,
            controlSummary: attackIndex == 0
              ? nil : "undefended accuracy falls by at least 10 points",
            colluders: colluders)
          for (place, seed) in seeds.enumerated() {
            rows.append(
              row(
                cell: block + attackIndex * defenses.count + defenseIndex, place: place, seed: seed,
                description, attack: attack, defense: defense, setting: setting))
          }
        }
      }
    }
    return MatrixResults(
      name: name, folder: "runs/\(name)", rows: rows, versions: ["0.1.0"], blasCores: ["Haswell"],
      targets: targets)
  }

  private func row(
    cell: Int, place: Int, seed: UInt64, _ description: CellDescription, attack: String,
    defense: String, setting: Int
  ) -> MatrixResults.Row {
    if let refusal = description.refusal {
      return MatrixResults.Row(
        cell: cell, seed: seed, description: description, status: .notApplicable, reason: refusal)
    }
    guard let final = accuracy(attack, defense, setting, place) else {
      let failure = failure(attack, defense, setting, place)
      return MatrixResults.Row(
        cell: cell, seed: seed, description: description,
        status: failure == nil ? .pending : .failed, seconds: failure == nil ? nil : 0.5,
        reason: failure)
    }
    let clean = accuracy(attacks[0], defense, setting, place)
    return MatrixResults.Row(
      cell: cell, seed: seed, description: description, status: .done,
      metrics: metrics(final, cell: cell, place: place), cleanAccuracy: clean,
      accuracyLoss: clean.map { $0 - final }, seconds: 1.25 + Double(cell) / 8)
  }

  private func metrics(_ final: Double, cell: Int, place: Int) -> RunMetrics {
    let curve = (1...rounds).map { round in
      let progress = 1 - 1 / (1 + 8 * Double(round) / Double(rounds))
      let wobble = Double((round * 7 + place * 3 + cell) % 5 - 2) / 300
      let accuracy =
        round == rounds ? final : max(0, min(1, 0.1 + (final - 0.1) * progress * 1.1 + wobble))
      return RunMetrics.Point(
        round: round, accuracy: accuracy, loss: 2.3 * (1 - accuracy), time: Double(round) * 1.5,
        bytesUp: 1_250_000 / rounds * round, bytesDown: 2_500_000 / rounds * round)
    }
    return RunMetrics(
      finalAccuracy: final, lastAccuracyMean: final - 0.001,
      peakAccuracy: curve.map(\.accuracy).max() ?? final, finalLoss: 2.3 * (1 - final),
      heldRounds: 0, honestExclusionRate: cell % 2 == 0 ? nil : 0.25,
      colluderExclusionRate: cell % 2 == 0 ? nil : 0.75, bytesUp: 1_250_000, bytesDown: 2_500_000,
      conclusions: [:],
      notes: cell % 3 == 0 ? [.init(text: "an update was not finite", rounds: 2)] : [],
      curve: curve)
  }
}

extension SyntheticMatrix {
  /// What the seeds add to a mean; they sum to nothing.
  static let jitter = [-0.012, 0.004, 0.009, -0.003, 0.002]

  /// Means by attack and defense of the first setting of `everyCell`.
  static let means: [String: [String: Double]] = [
    "none": ["mean": 0.951, "krum(f=3)": 0.902, "nnm+trimmed-mean": 0.944],
    "sign-flip": ["mean": 0.112, "krum(f=3)": 0.893, "nnm+trimmed-mean": 0.931],
    "alie(z=1.5)": ["mean": 0.603, "krum(f=3)": 0.551, "nnm+trimmed-mean": 0.722],
    "ipm": ["mean": 0.921, "krum(f=3)": 0.881, "nnm+trimmed-mean": 0.935],
    "label-flip": ["mean": 0.805],
  ]

  /// Done, void, impossible, failed and pending cells in two blocks.
  static let everyCell = SyntheticMatrix(
    settings: [[.transport: "plain"], [.transport: "sum-only"]],
    attacks: ["none", "sign-flip", "alie(z=1.5)", "ipm", "label-flip"],
    defenses: ["mean", "krum(f=3)", "nnm+trimmed-mean"],
    accuracy: { attack, defense, setting, seed in
      if attack == "label-flip" && defense != "mean" {
        if defense == "krum(f=3)" || seed > 1 { return nil }
        return 0.9
      }
      let mean = means[attack]?[defense] ?? 0
      let place = (seed + defense.count + attack.count) % jitter.count
      return mean + jitter[place] - Double(setting) / 100
    },
    failure: { attack, defense, _, seed in
      attack == "label-flip" && defense == "krum(f=3)"
        ? "training diverged in round \(seed < 3 ? 7 : 9)" : nil
    },
    refusal: { attack, defense, setting in
      guard setting == 1 else { return nil }
      if attack.hasPrefix("alie") || attack == "ipm" {
        return "\(componentName(attack)) needs honest clients' updates; sum-only hides them"
      }
      guard defense != "mean" else { return nil }
      return "\(defense.hasPrefix("krum") ? "krum" : "nnm") needs individual updates; "
        + "sum-only reveals only the sum"
    })

  private static func componentName(_ label: String) -> String {
    String(label.prefix { $0 != "(" })
  }
}

extension SyntheticMatrix {
  /// A finished matrix such as the built-in one.
  static let typical = SyntheticMatrix(
    name: "first-matrix", attacks: ["none", "sign-flip(scale=4)", "alie", "ipm", "label-flip"],
    defenses: ["mean", "median", "trimmed-mean", "krum", "nnm+trimmed-mean", "clipping+mean"],
    rounds: 50,
    accuracy: { attack, defense, _, seed in
      let table: [String: [Double]] = [
        "none": [0.952, 0.941, 0.947, 0.903, 0.948, 0.950],
        "sign-flip(scale=4)": [0.118, 0.882, 0.871, 0.897, 0.941, 0.702],
        "alie": [0.713, 0.662, 0.684, 0.518, 0.842, 0.731],
        "ipm": [0.884, 0.871, 0.902, 0.896, 0.943, 0.921],
        "label-flip": [0.791, 0.836, 0.842, 0.871, 0.929, 0.818],
      ]
      let order = ["mean", "median", "trimmed-mean", "krum", "nnm+trimmed-mean", "clipping+mean"]
      let column = order.firstIndex(of: defense) ?? 0
      let spread = attack == "none" ? 0.4 : 1.0
      let place = (seed + column * 2 + attack.count) % jitter.count
      return (table[attack]?[column] ?? 0) + jitter[place] * spread
    })

  /// Labels that mean something to a terminal, a spreadsheet, a browser or LaTeX.
  static let hostile = SyntheticMatrix(
    name: "<script>alert(\"1\")</script> & 100%_#$~^\\{}",
    attacks: ["none", "<img src=x onerror=alert(1)>", "a,\"b\"\n&amp; c"],
    defenses: ["mean", "</td></table><script>", "50% \\input{x} $y^2$ #1 ~ {z}_w", "防御"],
    accuracy: { attack, _, _, seed in
      attack == "none" ? 0.9 + jitter[seed] : attack.hasPrefix("<") ? 0.5 + jitter[seed] : nil
    },
    failure: { _, _, _, _ in "it said: \"</pre>\", then & <b>stopped</b>, 100%\\n" })

  /// More attacks and defenses than a terminal has room for, in two settings.
  static let wide = SyntheticMatrix(
    name: "wide",
    settings: ["logistic", "mlp(hidden=[200, 200])"].map {
      [.partition: "iid for \($0)", .model: $0]
    },
    attacks: ["none"] + (1...9).map { "attack-number-\($0)(strength=\($0))" },
    defenses: ["mean"] + (1...10).map { "defense-\($0)(f=\($0), tolerance=0.00\($0))" },
    rounds: 4,
    accuracy: { attack, defense, setting, seed in
      let hardness = attack == "none" ? 0 : Double(attack.count * 7 % 11) / 14
      let strength = defense == "mean" ? 0 : Double(defense.count * 5 % 13) / 13
      return 0.95 - hardness * (1 - strength) - Double(setting) / 50 + jitter[seed]
    })
}

extension SyntheticMatrix {
  /// Few cells of every kind, for the texts kept under `Tests/Golden`.
  static let golden: SyntheticMatrix = {
    var golden = everyCell
    golden.name = "golden"
    golden.attacks = ["none", "sign-flip", "ipm", "label-flip"]
    golden.defenses = ["mean", "krum(f=3)"]
    golden.rounds = 2
    let accuracy = golden.accuracy
    golden.accuracy = { attack, defense, setting, seed in
      // One cell waits, one failed in part.
      if setting == 1 && attack == "label-flip" && seed > 1 { return nil }
      if attack == "label-flip" && defense != "mean" && seed < 3 { return 0.871 }
      return accuracy(attack, defense, setting, seed)
    }
    return golden
  }()
}
