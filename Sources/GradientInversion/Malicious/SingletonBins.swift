internal import Glibc

/// How many of `n` examples fall alone into one of `k` bins: what an imprint leaks.
///
/// Examples are independent and bins equally likely, so each is alone with probability
/// `(1 - 1/k)^(n-1)`. (Counting the compositions of n into k bins as equally likely, as published
/// code does, is another law and gives too little: 15.1 instead of 23.7 at n = k = 64.)
public enum SingletonBins {
  /// The expected number of examples that are alone, `n (1 - 1/k)^(n-1)`.
  public static func expected(examples n: Int, bins k: Int) -> Double {
    precondition(n >= 0 && k >= 1, "there is a bin")
    guard n > 0 else { return 0 }
    return Double(n) * pow(1 - 1 / Double(k), Double(n - 1))
  }

  /// The variance of that number: `E + n (n-1) (1 - 1/k) (1 - 2/k)^(n-2) - E^2`.
  public static func variance(examples n: Int, bins k: Int) -> Double {
    guard n > 0 else { return 0 }
    let mean = expected(examples: n, bins: k)
    guard n > 1 else { return 0 }
    // Two examples are both alone: in different bins, and the others in neither.
    let both =
      Double(n * (n - 1)) * (1 - 1 / Double(k)) * pow(1 - 2 / Double(k), Double(n - 2))
    return max(0, mean + both - mean * mean)
  }
}
