# What `cmake --install` takes besides the binary. The notices are there after tools/dev/package/describe.py.
install(FILES ${CMAKE_SOURCE_DIR}/LICENSE DESTINATION share/doc/cml RENAME copyright)
install(FILES ${CMAKE_BINARY_DIR}/THIRD-PARTY-NOTICES.txt ${CMAKE_BINARY_DIR}/cml.spdx.json
        DESTINATION share/doc/cml OPTIONAL)
