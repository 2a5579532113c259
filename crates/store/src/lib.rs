//! What is kept: incidents in folders, and an index that can be made anew from them.
