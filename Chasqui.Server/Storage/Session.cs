using System.Data.Common;

namespace Chasqui.Server.Storage;

/// <summary>A connection and its prepared statements.</summary>
/// <param name="connection">The connection.</param>
/// <param name="prepares">
/// Whether statements are prepared here. Npgsql prepares repeated statements without it, on every connection of its pool.
/// </param>
internal abstract class Session(DbConnection connection, bool prepares) : IDisposable
{
    private readonly Dictionary<string, DbCommand> _commands = new(ReferenceEqualityComparer.Instance);

    /// <summary>For statements that are too rare to stay prepared.</summary>
    public virtual DbConnection Connection => connection;

    /// <summary>A statement that stays prepared until the connection closes, for what every message or request runs.</summary>
    /// <param name="sql">A constant: it is found by reference.</param>
    /// <param name="parameters">The names of its parameters, in the order of <paramref name="values"/>.</param>
    /// <param name="values">Their values.</param>
    public virtual DbCommand Command(string sql, string[] parameters, params ReadOnlySpan<object?> values)
    {
        var isKnown = _commands.TryGetValue(sql, out var command);
        if (command is null)
        {
            command = connection.CreateCommand();
            command.CommandText = sql;
            foreach (var name in parameters)
            {
                var parameter = command.CreateParameter();
                parameter.ParameterName = name;
                command.Parameters.Add(parameter);
            }
        }

        for (var i = 0; i < values.Length; i++)
        {
            command.Parameters[i].Value = values[i] ?? DBNull.Value;
        }

        if (!isKnown)
        {
            if (prepares)
            {
                command.Prepare();
            }

            _commands.Add(sql, command);
        }

        return command;
    }

    public abstract void Dispose();

    protected void Close()
    {
        foreach (var command in _commands.Values)
        {
            command.Dispose();
        }

        connection.Dispose();
    }
}
