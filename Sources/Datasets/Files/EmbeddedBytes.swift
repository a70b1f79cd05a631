/// The bytes of a file that is compiled into the program, by its accessor in `CEmbedded`.
func embedded(_ accessor: (UnsafeMutablePointer<Int>) -> UnsafePointer<UInt8>?) -> [UInt8] {
  var count = 0
  let base = accessor(&count)
  return Array(UnsafeBufferPointer(start: base, count: count))
}
