internal import Glibc
internal import Learning

/// Standardised features of examples, with an indicator for each class in front.
struct FeatureRows {
  let width: Int
  private let values: [Double]

  init(_ data: LabeledExamples, standardisedOn rows: [Int]) {
    let features = data.featureCount
    width = data.classes + features
    let raw = data.features
    var means = [Double](repeating: 0, count: features)
    var squares = means
    for row in rows {
      for index in 0..<features {
        let value = Double(raw[row * features + index])
        means[index] += value / Double(rows.count)
        squares[index] += value * value / Double(rows.count)
      }
    }
    let scales = zip(means, squares).map { mean, square in
      let variance = square - mean * mean
      return variance > 1e-9 * (1 + mean * mean)
        ? 1 / (variance * Double(features)).squareRoot() : 0
    }
    var values: [Double] = []
    values.reserveCapacity(data.count * width)
    for example in 0..<data.count {
      for label in 0..<data.classes { values.append(Int(data.labels[example]) == label ? 1 : 0) }
      for index in 0..<features {
        values.append((Double(raw[example * features + index]) - means[index]) * scales[index])
      }
    }
    self.values = values
  }

  func row(_ example: Int) -> ArraySlice<Double> {
    values[(example * width)..<((example + 1) * width)]
  }
}

/// Minimises a smooth or piecewise linear mean loss of linear predictions, by Adam over all rows
/// with a falling rate.
struct LinearFit {
  /// One row of coefficients for each output.
  private(set) var coefficients: [[Double]]

  /// - Parameter slope: The gradient of a row's loss by its outputs.
  init(
    _ design: FeatureRows, rows: [Int], start: [Double], ridge: Double, steps: Int = 1500,
    slope: (_ row: Int, _ outputs: [Double]) -> [Double]
  ) {
    let (outputs, width) = (start.count, design.width)
    coefficients = start.map {
      [Double](repeating: $0, count: 1) + Array(repeating: 0, count: width)
    }
    var first = coefficients.map { [Double](repeating: 0, count: $0.count) }
    var second = first
    for step in 1...steps {
      var gradient = coefficients.map { [Double](repeating: 0, count: $0.count) }
      for (index, example) in rows.enumerated() {
        let features = design.row(example)
        let slopes = slope(index, predict(features))
        for output in 0..<outputs where slopes[output] != 0 {
          let share = slopes[output] / Double(rows.count)
          gradient[output][0] += share
          var place = 1
          for value in features {
            if value != 0 { gradient[output][place] += share * value }
            place += 1
          }
        }
      }
      let rate = 0.05 * (1 - Double(step - 1) / Double(steps))
      let (rest1, rest2) = (1 - pow(0.9, Double(step)), 1 - pow(0.999, Double(step)))
      for output in 0..<outputs {
        for place in 0...width {
          let decay = place == 0 ? 0 : ridge * coefficients[output][place]
          let slope = gradient[output][place] + decay
          first[output][place] = 0.9 * first[output][place] + 0.1 * slope
          second[output][place] = 0.999 * second[output][place] + 0.001 * slope * slope
          coefficients[output][place] -=
            rate * (first[output][place] / rest1)
            / ((second[output][place] / rest2).squareRoot() + 1e-8)
        }
      }
    }
  }

  func predict(_ features: ArraySlice<Double>) -> [Double] {
    coefficients.map { row in
      var (sum, place) = (row[0], 1)
      for value in features {
        sum += row[place] * value
        place += 1
      }
      return sum
    }
  }
}

/// Linear quantiles by the pinball loss, for several levels.
struct PinballRegression {
  private let fit: LinearFit
  private let center: Double
  private let scale: Double

  init(_ design: FeatureRows, rows: [Int], values: [Double], levels: [Double], ridge: Double) {
    let moments = Moments(values)
    let (center, scale) = (moments.mean, max(moments.variance.squareRoot(), 1e-9))
    let targets = values.map { ($0 - center) / scale }
    let sorted = targets.sorted()
    let start = levels.map { level in
      sorted[min(sorted.count - 1, Int((level * Double(sorted.count)).rounded(.down)))]
    }
    fit = LinearFit(design, rows: rows, start: start, ridge: ridge) { row, outputs in
      zip(outputs, levels).map { output, level in targets[row] < output ? 1 - level : -level }
    }
    self.center = center
    self.scale = scale
  }

  func predict(_ features: ArraySlice<Double>) -> [Double] {
    fit.predict(features).map { center + scale * $0 }
  }
}

/// A linear mean and a linear logarithm of the standard deviation, by the normal likelihood.
struct GaussianRegression {
  private let fit: LinearFit
  private let center: Double
  private let scale: Double

  init(_ design: FeatureRows, rows: [Int], values: [Double], ridge: Double) {
    let moments = Moments(values)
    let (center, scale) = (moments.mean, max(moments.variance.squareRoot(), 1e-9))
    let targets = values.map { ($0 - center) / scale }
    fit = LinearFit(design, rows: rows, start: [0, 0], ridge: ridge) { row, outputs in
      let precision = exp(-2 * min(max(outputs[1], -5), 5))
      let distance = targets[row] - outputs[0]
      return [-distance * precision, 1 - distance * distance * precision]
    }
    self.center = center
    self.scale = scale
  }

  func predict(_ features: ArraySlice<Double>) -> (mean: Double, logDeviation: Double) {
    let outputs = fit.predict(features)
    return (center + scale * outputs[0], log(scale) + min(max(outputs[1], -5), 5))
  }
}
