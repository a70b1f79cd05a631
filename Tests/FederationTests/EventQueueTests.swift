import Federation
import Randomness
import TestSupport
import Testing

@Suite("The event queue")
struct EventQueueTests {
  @Test("yields events by time, equal times in the order of insertion: against a stable sort")
  func order() {
    var generator = testGenerator()
    for count in [0, 1, 2, 3, 10, 100] {
      var queue = EventQueue<Int>()
      var times: [Double] = []
      for event in 0..<count {
        let time = Double(generator.uniform(below: 5))
        times.append(time)
        queue.insert(event, at: time)
      }
      #expect(queue.count == count)
      let expected = (0..<count).sorted { (times[$0], $0) < (times[$1], $1) }
      var got: [Int] = []
      while let (time, event) = queue.removeFirst() {
        #expect(time == times[event])
        got.append(event)
      }
      #expect(got == expected)
      #expect(queue.removeFirst() == nil)
    }
  }

  @Test("keeps the order when events come in between removals")
  func interleaved() {
    var queue = EventQueue<String>()
    queue.insert("late", at: 2)
    queue.insert("first", at: 1)
    #expect(queue.removeFirst()?.event == "first")
    queue.insert("later", at: 2)
    queue.insert("soon", at: 1.5)
    #expect(queue.removeFirst()?.event == "soon")
    #expect(queue.removeFirst()?.event == "late")
    #expect(queue.removeFirst()?.event == "later")
  }
}
