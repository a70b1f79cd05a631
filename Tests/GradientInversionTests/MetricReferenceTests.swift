import GradientInversion
import TestSupport
import Testing

/// `Tests/Vectors/inversion_metrics.json`.
private struct Reference: Decodable {
  struct Images: Decodable {
    let shape: [Int]
    let mse: Double
    let psnr: Double
    let ssim: Double
    let multiScale: Double
    let gmsd: Double
  }
  struct Shift: Decodable {
    let rows: Int
    let columns: Int
  }
  let images: [Images]
  let shifts: [Shift]
  let cost: Double
}

/// The images of `make-inversion-metrics.py`.
func metricImages(_ shape: ImageShape) -> (a: [Float], b: [Float]) {
  var (a, b): ([Float], [Float]) = ([], [])
  for c in 0..<shape.channels {
    for r in 0..<shape.height {
      for k in 0..<shape.width {
        let value = Float(Double((9 * r + 5 * k + 40 * c + 3 * r * k % 31) % 256) / 255)
        let noise = Double((31 * r + 17 * k + 7 * c) % 23 - 11) / 60
        a.append(value)
        b.append(Float(min(max(0.8 * Double(value) + 0.1 + noise, 0), 1)))
      }
    }
  }
  return (a, b)
}

/// An image rolled by whole rows and columns.
func rolled(_ image: [Float], _ shape: ImageShape, rows: Int, columns: Int) -> [Float] {
  var result = image
  for c in 0..<shape.channels {
    for r in 0..<shape.height {
      for k in 0..<shape.width {
        let from =
          (r - rows + shape.height) % shape.height * shape.width
          + (k - columns + shape.width) % shape.width
        result[c * shape.area + r * shape.width + k] = image[c * shape.area + from]
      }
    }
  }
  return result
}

@Suite("Image metrics beside scikit-image and scipy")
struct MetricReferenceTests {
  private let reference: Reference

  init() throws {
    let file = try VectorFile<Reference>(named: "inversion_metrics")
    reference = try #require(file.cases.first)
  }

  @Test("MSE, PSNR, SSIM, MS-SSIM and GMSD equal the references")
  func images() throws {
    for expected in reference.images {
      let shape = try ImageShape(expected.shape)
      let (a, b) = metricImages(shape)
      let score = try ReconstructionScore(of: b, against: a, shape: shape)
      #expect(isClose(score.error.meanSquaredError, expected.mse, tolerance: 1e-9))
      #expect(isClose(score.error.psnr, expected.psnr, tolerance: 1e-9))
      #expect(isClose(try #require(score.ssim), expected.ssim, tolerance: 1e-9))
      #expect(isClose(try #require(score.multiScaleSSIM), expected.multiScale, tolerance: 1e-9))
      #expect(isClose(try #require(score.gradientDeviation), expected.gmsd, tolerance: 1e-9))
    }
  }

  @Test("phase correlation finds the shifts that scikit-image finds")
  func shifts() throws {
    let shape = try ImageShape(channels: 1, height: 32, width: 32)
    let image = metricImages(shape).a.map { $0.squareRoot() }
    for expected in reference.shifts {
      let moved = rolled(image, shape, rows: -expected.rows, columns: -expected.columns)
      let found = try ShiftRegistration(of: moved, on: image, shape: shape)
      #expect(found.rows == expected.rows && found.columns == expected.columns)
      #expect(found.error.meanSquaredError == 0)
    }
  }

  @Test("the assignment costs what scipy's does")
  func assignment() throws {
    func cost(_ i: Int, _ j: Int) -> Double {
      let value: Int = 37 * i * i + 11 * j * (i + 3) + 5 * j * j
      return Double(value % 97)
    }
    let costs = (0..<7).map { i in (0..<9).map { cost(i, $0) } }
    let found = try OneToOneAssignment.cheapest(costs)
    #expect(Set(found).count == 7)
    #expect(zip(costs, found).reduce(0) { $0 + $1.0[$1.1] } == reference.cost)
  }
}
