internal import Glibc

extension AttackSettings.Decay {
  /// The step size's factor at step `t` of `total`, from 0.
  package func factor(_ t: Int, of total: Int) -> Double {
    switch self {
    case .constant: 1
    case .eighths: pow(0.1, Double([3, 5, 7].count { t >= total * $0 / 8 }))
    case .cosine: (1 + cos(Double.pi * Double(t) / Double(max(1, total)))) / 2
    case .exponential(let factor, let every): pow(factor, Double(t / max(1, every)))
    case .linear: 1 - Double(t) / Double(max(1, total))
    }
  }
}
