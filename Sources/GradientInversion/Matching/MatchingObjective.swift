/// How far a candidate's gradient `g` is from the observed one, `t`, and the derivative `v = df/dg`
/// that the exact products need.
///
/// | form | f | v |
/// |---|---|---|
/// | `squared(c)` | `c sum |g - t|^2` | `2 c (g - t)` |
/// | `absolute(c)` | `c sum |g - t|_1` | `c sign(g - t)` |
/// | `cosine` | `1 - <g, t> / (|g| |t|)` | `-t / (|g| |t|) + cos g / |g|^2` |
/// | `layerCosine` | sum over tensors of the same | the same in each tensor |
/// | `tag(a)` | `1/2 sum_l (|D_l|^2 + a alpha_l |D_l|_1)`, `D = g - t` |
/// `D_l + a/2 alpha_l sign D_l` |
///
/// Tensors may have weights; `tag` has its own, rising linearly with depth. Entries that a mask
/// leaves out count in neither gradient.
///
/// Sources: Zhu, Liu, Han, DLG, NeurIPS 2019, equation 4; Geiping et al., Inverting Gradients,
/// NeurIPS 2020, equation 4; Deng et al., TAG, EMNLP 2021, equation 3.
public struct MatchingObjective: Sendable, Hashable {
  /// The distance.
  public enum Form: Sendable, Hashable {
    /// The squared Euclidean distance times a factor: 1 in DLG, 1/2 in others.
    case squared(factor: Double = 1)
    /// The sum of absolute differences times a factor.
    case absolute(factor: Double = 1)
    /// One minus the cosine of all entries as one vector.
    case cosine
    /// The sum of one minus the cosine, tensor by tensor.
    case layerCosine
    /// Squared and absolute differences, the latter weighted by depth.
    case tag(factor: Double = 0.1)
  }

  /// How much each tensor counts, from the first to the last of L: in `squared`, `absolute` and
  /// `layerCosine`.
  public enum LayerWeights: Sendable, Hashable {
    /// All the same, 1.
    case equal
    /// `(L - l) / L`, so that the first counts most.
    case falling
    /// `(l + 1) / L`.
    case rising
    /// `e^(l / L)`, divided by their mean.
    case exponential
  }

  /// Which entries count.
  public enum Mask: Sendable, Hashable {
    /// All.
    case everything
    /// Those where the observed magnitude is above a threshold: against pruning, top-k and frozen
    /// layers. The field's threshold is 1e-6.
    case observed(above: Double = 1e-6)
    /// All but the tensors of these names, such as a layer that a defense has tampered with.
    case without(tensors: [String])
  }

  /// The distance.
  public var form: Form
  /// How much each tensor counts.
  public var layerWeights: LayerWeights
  /// Which entries count.
  public var mask: Mask

  /// An objective.
  public init(
    _ form: Form, layerWeights: LayerWeights = .equal, mask: Mask = .everything
  ) {
    self.form = form
    self.layerWeights = layerWeights
    self.mask = mask
  }
}
