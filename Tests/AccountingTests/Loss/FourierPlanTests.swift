import Accounting
import Glibc
import Randomness
import Testing

@Suite("Fourier transforms")
struct FourierPlanTests {
  @Test("agree with the definition within their bound, both ways", arguments: [256, 384, 512, 768])
  func definition(length: Int) throws {
    let plan = try FourierPlan(length: length)
    let values = try FourierBuffer(count: length)
    let spectrum = try FourierBuffer(count: length + 2)
    var generator = Generator(seed: 7)
    var sum = 0.0
    for i in 0..<length {
      values.pointer[i] = generator.normal()
      sum += values.pointer[i].magnitude
    }
    plan.forward(values, spectrum)
    var worst = 0.0
    for frequency in 0...(length / 2) {
      var re = 0.0
      var im = 0.0
      for i in 0..<length {
        let angle = -2 * Double.pi * Double(frequency * i % length) / Double(length)
        re += values.pointer[i] * cos(angle)
        im += values.pointer[i] * sin(angle)
      }
      worst = max(
        worst,
        hypot(spectrum.pointer[2 * frequency] - re, spectrum.pointer[2 * frequency + 1] - im))
    }
    // The definition itself rounds each of its terms once or twice.
    #expect(worst <= (plan.noise + 4 * 0x1p-53) * sum, "\(worst / sum) \(plan.noise)")
    let back = try FourierBuffer(count: length)
    plan.inverse(spectrum, back)
    for i in 0..<length {
      let off = (back.pointer[i] / Double(length) - values.pointer[i]).magnitude
      #expect(off <= 2 * plan.noise * sum)
    }
  }
}
