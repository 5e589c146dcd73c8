from sibiao.cli import main

main()
