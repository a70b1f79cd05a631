/// Every data source, in the order to list them. A new source is one file in this folder and a line
/// here.
public let dataCatalogue: [any DataSource.Type] = [
  Digits.self, BreastCancer.self, Patches.self, IDXData.self, CIFARData.self, NPZData.self,
  NPYData.self, CSVData.self,
  LEAFData.self, Synthetic.self, SyntheticFedProx.self, Handwriting.self,
]
