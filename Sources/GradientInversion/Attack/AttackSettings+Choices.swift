extension AttackSettings {
  /// What a candidate is pulled towards beside the gradient.
  public enum Prior: Sendable, Hashable {
    /// How neighbouring pixels are compared.
    public enum Variation: Sendable, Hashable {
      /// `mean |dx| + mean |dy|`: Inverting Gradients, equation 4.
      case absolute
      /// `mean sqrt(dx^2 + dy^2)` of the channels and of three differences between channels: the
      /// isotropic colour form of the breaching library.
      case isotropicColour
    }
    /// What examples of different epochs are compared by.
    public enum Aggregate: Sendable, Hashable {
      /// The mean over an epoch's examples.
      case mean
      /// The largest value over them.
      case maximum
    }

    /// Total variation.
    case totalVariation(Double, Variation = .absolute)
    /// Half the mean of the squared values.
    case squaredNorm(Double)
    /// `sum_l |mu_l - m_l| + |var_l - s_l|` over batch norms; the first counts `firstFactor` times.
    /// The statistics are the client's batch's if known, else the running ones.
    case batchNorm(Double, firstFactor: Double = 1)
    /// Half the mean squared distance of the last layer's input from `dL/dW_y / dL/db_y`, the
    /// weighted mean of that class's features that the gradient gives away.
    case feature(Double)
    /// Half the mean squared distance from the mean of all restarts, taken every 10 steps.
    case group(Double)
    /// Mean squared distance of the epochs' aggregates from each other: for dummies of each epoch.
    case orderInvariant(Double, Aggregate = .mean)
  }

  /// Where a candidate's labels come from.
  public enum LabelSource: Sendable, Hashable {
    /// From knowledge: the labels, or their counts in any order.
    case known
    /// From the gradient, before the search.
    case recovered(RecoveryMethod)
    /// Optimised with the inputs, as the softmax of free logits.
    case joint

    /// A method of ``LabelRecovery``, ``HeadStatistics`` or ``LabelImpact``.
    public enum RecoveryMethod: String, Sendable, Hashable, CaseIterable {
      /// The lowest row sum, for one example.
      case single = "idlg"
      /// Negative bias gradients.
      case analytic
      /// The lowest row minima.
      case yin
      /// Greedy on row sums.
      case wainakh
      /// Greedy with measured impact and offsets.
      case wainakhWhiteBox = "wainakh-white-box"
      /// Greedy on the bias.
      case biasCorrected = "bias-corrected"
      /// Statistics of noise.
      case geng
      /// The same over several steps.
      case dimitrov
    }
  }

  /// What the attacker believes a client did between receiving the model and sending the update.
  public enum DataFlow: Sendable, Hashable {
    /// One gradient of one batch.
    case gradient
    /// Every local step differentiated through, epochs taking the same examples in the same order.
    case unroll
    /// The same with examples of its own for each epoch; afterwards each epoch is matched to the
    /// first and the mean is taken.
    case dummiesByEpoch
  }

  /// Where a search starts.
  public enum Start: Sendable, Hashable {
    /// Standard normal.
    case normal
    /// All zero.
    case zeros
    /// Uniform within a bound of 0.
    case uniform(bound: Double)
    /// A square of normal noise, repeated: 4 in the modern settings, 16 in CPL.
    case tiled(side: Int)
  }

  /// What becomes of a step's gradient before Adam takes it.
  public enum SignForm: String, Sendable, Hashable, CaseIterable {
    /// Nothing.
    case none
    /// Its sign.
    case hard
    /// `tanh(c g) / c` with `c = 1 - t / T`.
    case soft
  }

  /// How the step size changes over `T` steps.
  public enum Decay: Sendable, Hashable {
    /// Not at all.
    case constant
    /// A tenth after 3/8, 5/8 and 7/8 of the steps each.
    case eighths
    /// `(1 + cos(pi t / T)) / 2`.
    case cosine
    /// A factor every so many steps.
    case exponential(factor: Double, every: Int)
    /// `1 - t / T`.
    case linear
  }

  /// How candidates move.
  public enum Search: Sendable, Hashable {
    /// Adam; with a sign form, weight decay (decoupled, as AdamW's), a limit on the gradient's
    /// norm, and Langevin noise of deviation `langevin` times the step size.
    case adam(
      rate: Double, sign: SignForm = .none, decay: Decay = .constant, warmUp: Int = 0,
      langevin: Double = 0, weightDecay: Double = 0, clip: Double? = nil)
    /// L-BFGS without a line search, as PyTorch's: `inner` iterations a step, at most `history`
    /// pairs.
    case lbfgs(rate: Double = 1, inner: Int = 20, history: Int = 100)
  }

  /// How the restarts become one answer.
  public enum Pooling: Sendable, Hashable {
    /// The one with the lowest objective; the truth has no say.
    case lowestObjective
    /// The median over all restarts, each matched to the best one row by row.
    case median
  }
}
