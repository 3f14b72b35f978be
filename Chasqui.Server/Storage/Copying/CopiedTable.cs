namespace Chasqui.Server.Storage.Copying;

/// <summary>A column, with its type in PostgreSQL: bigint, boolean, text or bytea.</summary>
internal sealed record CopiedColumn(string Name, string Type);

/// <summary>
/// A table, or in SQLite a view. Its first columns are the key, by which both databases sort in the same order. A numbered table
/// gets its keys from the database.
/// </summary>
internal sealed record CopiedTable(string Name, CopiedColumn[] Columns, int Key, bool IsNumbered)
{
    public string ColumnNames => string.Join(", ", Columns.Select(column => column.Name));

    public string KeyNames => string.Join(", ", Columns.Take(Key).Select(column => column.Name));

    /// <summary>The rows in the order of their keys, after a row or from the first.</summary>
    /// <returns>For each column a long, a bool, a byte array or null. Text is UTF-8: in SQLite it may contain U+0000.</returns>
    public IEnumerable<object?[]> Rows(DbConnection connection, object?[]? after = null)
    {
        using var command = connection.CreateCommand();
        var from = "";
        if (after is not null)
        {
            var keys = Enumerable.Range(0, Key).Select(i => $"@key{i}").ToArray();
            from = $"WHERE ({KeyNames}) > ({string.Join(", ", keys)})";
            for (var i = 0; i < keys.Length; i++)
            {
                var parameter = command.CreateParameter();
                (parameter.ParameterName, parameter.Value) = (keys[i], after[i]);
                command.Parameters.Add(parameter);
            }
        }

        command.CommandText = $"SELECT {ColumnNames} FROM {Name} {from} ORDER BY {KeyNames}";
        command.CommandTimeout = 0;
        using var reader = command.ExecuteReader();
        var ended = false;
        try
        {
            while (reader.Read())
            {
                var row = new object?[Columns.Length];
                for (var i = 0; i < row.Length; i++)
                {
                    row[i] = Read(reader, i);
                }

                yield return row;
            }

            ended = true;
        }
        finally
        {
            if (!ended)
            {
                // Disposing the reader alone would read all remaining rows from PostgreSQL.
                command.Cancel();
            }
        }
    }

    private object? Read(DbDataReader reader, int column) => reader.IsDBNull(column) ? null : Columns[column].Type switch
    {
        "bigint" => reader.GetInt64(column),
        "boolean" => reader.GetBoolean(column),
        _ => reader.GetFieldValue<byte[]>(column),
    };
}
